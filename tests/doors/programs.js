// The upstreams' processes: each is started by hand in a folder of its own, on a port of 127.0.0.1, and ended by its id.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../integration/foreign/gateway.js";

/** A port that was free a moment ago. For programs that cannot say which port the kernel chose. */
export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });
}

/** The folder of one program; `write` returns the path of a file in it. */
export class Folder {
  path = mkdtempSync(join(tmpdir(), "usher-doors-"));

  write(name, text, mode = 0o600) {
    writeFileSync(join(this.path, name), text, { mode });
    return join(this.path, name);
  }

  remove() {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const running = new Set();
process.on("exit", () => running.forEach((program) => program.child.kill("SIGKILL")));

/** One running process and what it wrote. It does not outlive this one. */
export class Program {
  log = "";

  /** Runs `command`, and waits until something accepts on `port`. */
  static async start(command, { port, cwd, env = {}, timeout = 20_000 }) {
    const program = new Program();
    const [file, ...args] = command;
    program.child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    running.add(program);
    program.exited = new Promise((resolve) => program.child.once("close", resolve));
    program.child.once("error", (error) => { program.log += `${error}\n`; });
    for (const stream of [program.child.stdout, program.child.stderr]) {
      stream.on("data", (chunk) => { program.log += chunk; });
    }
    try {
      await until(async () => program.ended || await accepts(port), () => `${command[0]}:\n${program.log}`, timeout);
      if (program.ended) throw new Error(`${command.join(" ")} ended:\n${program.log}`);
    } catch (error) {
      await program.stop();
      throw error;
    }
    return program;
  }

  get ended() {
    return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Nothing of a stock program is under test when it is stopped: it is given no time to say goodbye. */
  async stop() {
    if (!this.ended) this.child.kill("SIGKILL");
    if (this.child.pid !== undefined) await this.exited;
    running.delete(this);
  }
}

/** The states of /proc/net/tcp in which a program still holds its end: established, close-wait, fin-wait-1, fin-wait-2, last-ack. */
const kOpenStates = new Set(["01", "08", "04", "05", "09"]);

/** How many connections the server on `port` has: what the kernel says, so it is the same for every upstream. */
export function connectionsOf(port) {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"].filter(existsSync).flatMap((file) => readFileSync(file, "utf8").split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${wanted}`) && kOpenStates.has(state)).length;
}
