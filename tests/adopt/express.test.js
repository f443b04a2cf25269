// Express and ws, from npm.
import { testTable } from "./table.js";

testTable("express", { storms: true });
