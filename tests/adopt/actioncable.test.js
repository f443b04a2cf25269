// Rails' Action Cable and puma, from Debian. Part of `make nightly`.
import { testTable } from "./table.js";

testTable("actioncable");
