import { doorTests } from "./door_tests.js";
import { yWebsocket } from "./upstreams/y_websocket.js";

doorTests(yWebsocket);
