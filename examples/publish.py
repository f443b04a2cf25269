"""Publishes to a channel from a Python backend: python3 publish.py orders:42 '{"status":"cooking"}'"""
import json
import os
import sys
import urllib.request

URL = os.environ.get("USHER_URL", "http://127.0.0.1:8080")
KEY = os.environ.get("USHER_API_KEY", "dev")  # what `make run` uses

def publish(channel, data):
    body = json.dumps({"channel": channel, "data": data}).encode()
    request = urllib.request.Request(f"{URL}/api/publish", body, {"X-API-Key": KEY, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RuntimeError(answer["error"]["message"])
    return answer["result"]  # {"offset": 1, "epoch": "…"} where the channel keeps a history

print(publish(sys.argv[1], json.loads(sys.argv[2])))
