# path: tests/helpers/gateway.py
# breach: tests/helpers/gateway.py: 'helpers' says nothing; name what it holds
