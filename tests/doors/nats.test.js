import { doorTests } from "./door_tests.js";
import { nats } from "./upstreams/nats.js";

doorTests(nats);
