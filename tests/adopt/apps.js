// The applications of this folder: how each is started, in its stock form or with its patch, and how it is used in a page.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const client = fileURLToPath(new URL("../../clients/typescript/", import.meta.url));

export const kSecret = "the secret that an application shares with usher";
const kActionCable = "/usr/share/nodejs/@rails/actioncable/app/assets/javascripts/action_cable.js";

/**
 * `command(port)` runs the application in its folder. `assets`: where its static files are. `page`: what a browser opens. `says`:
 * what the page shows when ada writes `hello`. `path`: that of the socket at usher.
 */
export const kApps = {
  express: {
    command: (port) => [process.execPath, ["server.js"], { PORT: `${port}` }],
    assets: "public", login: "/login/ada", page: "/", path: "/chat",
  },
  channels: {
    command: (port) => ["/usr/bin/python3", ["-m", "daphne", "-b", "127.0.0.1", "-p", `${port}`, "mysite.asgi:application"], {}],
    assets: "static", login: "/login/ada/", page: "/chat/lobby/", path: "/ws/chat/lobby/",
  },
  actioncable: {
    command: (port) => ["puma", ["-b", `tcp://127.0.0.1:${port}`, "-t", "1:5", "config.ru"], { RAILS_ENV: "production", RACK_ENV: "production" }],
    assets: "public", login: "/login/ada", page: "/index.html", path: "/cable",
  },
};

/** The patch of an application: its text, and its lines that add or remove one; blank ones do not count. */
export function patchOf(name) {
  const text = readFileSync(join(here, `${name}.patch`), "utf8");
  const lines = text.split("\n").filter((line) => /^[+-].*\S/.test(line) && !/^(\+\+\+|---) /.test(line));
  return { text, lines };
}

/** A copy of an application in a folder of its own; with its patch if `patched`. The caller removes the folder. */
export function copyApp(name, { patched = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), `usher-adopt-${name}-`));
  cpSync(join(here, name), folder, { recursive: true });
  if (patched) execFileSync("patch", ["--strip=1", "--fuzz=0", "--no-backup-if-mismatch"], { cwd: folder, input: patchOf(name).text });
  return folder;
}

export function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Replaces texts of a file; each must be there. */
function exchange(file, exchanges) {
  let text = readFileSync(file, "utf8");
  for (const [old, now] of Object.entries(exchanges)) {
    if (!text.includes(old)) throw new Error(`${file} has no ${old}`);
    text = text.replaceAll(old, now);
  }
  writeFileSync(file, text);
}

/** The bundle that package.json calls `usher-client/socket`. */
function socketBundle() {
  const { exports } = JSON.parse(readFileSync(join(client, "package.json"), "utf8"));
  return join(client, exports["./socket"].default);
}

/**
 * Starts an application on a free port, as it is or with its patch. `usher`: the address at which its page finds usher, in place of
 * the patch's 127.0.0.1:8080. `origin` and `settings` (the text of the patch's usher.toml) say what usher must be told.
 */
export async function startApp(name, { patched = false, usher, port } = {}) {
  const { command, assets } = kApps[name];
  const folder = copyApp(name, { patched });
  const app = { folder, port: port ?? await freePort(), log: "" };
  app.address = `127.0.0.1:${app.port}`;
  app.origin = `http://${app.address}`;
  const [program, args, variables] = command(app.port);
  if (name === "express") symlinkSync(join(here, "node_modules"), join(folder, "node_modules"));
  cpSync(existsSync(kActionCable) ? kActionCable : "/dev/null", join(folder, assets, "action_cable.js"));
  if (patched) {
    cpSync(socketBundle(), join(folder, assets, "usher-socket.js"));
    exchange(join(folder, kPages[name]), { "http://127.0.0.1:8080": `http://${usher}` });
    app.settings = readFileSync(join(folder, "usher.toml"), "utf8");
  }
  app.start = async () => {
    app.child = spawn(program, args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH, HOME: folder, PYTHONDONTWRITEBYTECODE: "1", SECRET_KEY: "s", SESSION_SECRET: "s", SECRET_KEY_BASE: "s",
        ORIGIN: app.origin, JWT_SECRET: kSecret, ...variables,
      },
    });
    for (const stream of [app.child.stdout, app.child.stderr]) stream.on("data", (chunk) => { app.log += chunk; });
    const gone = new Promise((_, reject) => app.child.once("exit", (code) => reject(new Error(`${name} exited with ${code}:\n${app.log}`))));
    gone.catch(() => {});
    await Promise.race([gone, answers(`${app.origin}${kApps[name].page}`)]);
  };
  app.kill = async () => {
    if (app.child.exitCode !== null || app.child.signalCode !== null) return;
    const exited = new Promise((resolve) => app.child.once("exit", resolve));
    app.child.kill("SIGKILL");
    await exited;
  };
  app.stop = async () => {
    await app.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await app.start();
  } catch (error) {
    await app.stop();
    throw error;
  }
  return app;
}

const kPages = { express: "public/chat.js", channels: "chat/templates/room.html", actioncable: "public/chat.js" };

async function answers(url) {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if (await fetch(url).then(({ ok }) => ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} does not answer`);
}
