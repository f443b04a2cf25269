import { doorTests } from "../door_tests.js";
import { mosquitto } from "../upstreams/mosquitto.js";

doorTests({ ...mosquitto, longBytes: undefined });
