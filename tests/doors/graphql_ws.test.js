import { doorTests } from "./door_tests.js";
import { graphqlWs } from "./upstreams/graphql_ws.js";

doorTests(graphqlWs);
