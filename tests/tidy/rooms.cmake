# The rooms of the files in must_fail/ and must_pass/ (test_tidy.py).
usher_layer(base LIBS OpenSSL::Crypto)  # usher_layer(comment DEPENDS base)
usher_layer(wire DEPENDS base LIBS hub)
usher_layer(hub DEPENDS wire)
usher_layer(net
  DEPENDS hub
  LIBS OpenSSL::SSL
  TEST_DEPENDS gateway)
usher_layer(client_net DEPENDS wire)
usher_layer(redis_link FOLDER redis/link DEPENDS wire)
usher_layer(redis_broker FOLDER redis/broker DEPENDS redis_link hub)
usher_layer(gateway DEPENDS net)
usher_layer(bench_load FOLDER ${PROJECT_SOURCE_DIR}/bench/load DEPENDS wire)
target_include_directories(usher_client_net PUBLIC ${PROJECT_SOURCE_DIR}/include)
