// Django Channels and daphne, from Debian.
import { testTable } from "./table.js";

testTable("channels");
