import { doorTests } from "./door_tests.js";
import { channels } from "./upstreams/channels.js";

doorTests(channels);
