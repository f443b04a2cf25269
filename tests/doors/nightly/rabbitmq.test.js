import { doorTests } from "../door_tests.js";
import { rabbitmq } from "../upstreams/rabbitmq.js";

doorTests(rabbitmq);
