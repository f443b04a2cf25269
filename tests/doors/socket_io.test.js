import { doorTests } from "./door_tests.js";
import { socketIo } from "./upstreams/socket_io.js";

doorTests(socketIo);
