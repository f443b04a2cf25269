// Do docs/asyncapi.yaml and docs/openapi.yaml say what they should: valid, with every command and route of the code, and
// with schemas that the messages of docs/protocol.md fit?
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import SwaggerParser from "@apidevtools/swagger-parser";
import { Parser } from "@asyncapi/parser";
import Ajv2020 from "ajv/dist/2020.js";
import { parse } from "yaml";

const path = (name) => new URL(`../../${name}`, import.meta.url);
const text = (name) => readFileSync(path(name), "utf8");
const all = (name, pattern) => [...text(name).matchAll(pattern)].map((match) => match[1]);

test("the AsyncAPI document is valid", async () => {
  const { document, diagnostics } = await new Parser().parse(text("docs/asyncapi.yaml"));
  const errors = diagnostics.filter(({ severity }) => severity === 0);
  assert.deepEqual(errors.map(({ message, path: at }) => `${at.join("/")}: ${message}`), []);
  assert.ok(document);
});

test("the OpenAPI document is valid", async () => {
  await SwaggerParser.validate(path("docs/openapi.yaml").pathname);
});

test("every route of the code is in the OpenAPI document, and no other", () => {
  const routes = all("src/gateway/router.cc", /== "(\/[a-z_/-]+)"/g);
  const methods = all("src/api/api_method.cc", /case ApiMethod::([a-z_]+):/g).filter((name) => name !== "count_");
  assert.ok(routes.length >= 7 && methods.length >= 16, `${routes} ${methods}`);
  const documented = Object.keys(parse(text("docs/openapi.yaml")).paths);
  assert.deepEqual(documented.sort(), [...new Set([...routes, ...methods.map((name) => `/api/${name}`)])].sort());
});

test("every status of transport mode is in the OpenAPI document, for every call of the server API", () => {
  const statuses = [...new Set(all("src/api/api_result.cc", /return (\d{3});/g))].sort();
  assert.ok(statuses.length >= 9, `${statuses}`);
  const calls = Object.entries(parse(text("docs/openapi.yaml")).paths).filter(([name]) => name.startsWith("/api/"));
  for (const [name, { post }] of calls) {
    assert.deepEqual(statuses.filter((status) => !(status in post.responses)), [], name);
  }
});

test("every command of the code is in the AsyncAPI document, and no other", () => {
  const commands = all("src/wire/protocol_command.cc", /Method\{"([a-z_]+)"/g);
  assert.ok(commands.length >= 12, `${commands}`);
  const { Command } = parse(text("docs/asyncapi.yaml")).components.schemas;
  assert.deepEqual(Object.keys(Command.properties).filter((name) => name !== "id").sort(), commands.sort());
});

// The examples of protocol.md are what the code reads and writes (wire_test), so they must fit the schemas too.
test("every message of protocol.md fits the AsyncAPI document's schemas", () => {
  const document = parse(text("docs/asyncapi.yaml"));
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addSchema({ $id: "asyncapi", components: document.components });
  const check = (schema) => ajv.compile({ $ref: `asyncapi#/components/schemas/${schema}` });
  const [isCommand, isReply, isPush] = ["Command", "Reply", "Push"].map(check);
  let count = 0;
  for (const [, who, line] of text("docs/protocol.md").matchAll(/^([CS]) (\{.*\})$/gm)) {
    const message = JSON.parse(line);
    if (Object.keys(message).length === 0) continue; // ping and pong
    const fits = who === "C" ? isCommand : "push" in message ? isPush : isReply;
    assert.ok(fits(message), `${line}\n${JSON.stringify(fits.errors, null, 1)}`);
    assert.ok(!isReply({ ...message, id: "one" }), "a schema that anything fits");
    count += 1;
  }
  assert.ok(count >= 20, `${count} messages`);
});
