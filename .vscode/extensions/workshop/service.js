// The one connection to the resident process of a checkout (docs/interface.md), which is started when nobody answers.

const fs = require("fs");
const net = require("net");
const path = require("path");
const { spawn } = require("child_process");
const vscode = require("vscode");

const RESTARTING = -32001; // the code of the error of a process that's about to end
const FAULT = -32000; // the code of an error that has a message for a person
const PATIENCE = 20000; // milliseconds for a process to start

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** What the process has to say to a person: what happened, where, what to do next. */
class Fault extends Error {
  /** @param {string[]} data */
  constructor([what, where, next]) {
    super([where ? `${where}: ${what}` : what, next].filter(Boolean).join(". "));
  }
}

/** The connection broke, or the process is about to end: asking again does no harm. */
class Gone extends Error {}

/** Asks the process of a course, one request after another, over one connection. */
class Service {
  /** @param {string} root the course's folder */
  constructor(root) {
    this.root = root;
    this.number = 0;
    /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    /** @type {Promise<net.Socket> | undefined} */
    this.link = undefined;
  }

  /**
   * The result of a method.
   * @param {string} method @param {object} params
   * @returns {Promise<any>}
   */
  async ask(method, params = {}) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.exchange(method, params);
      } catch (error) {
        if (!(error instanceof Gone) || attempt === 3) throw error;
        this.close();
        await wait(50 * attempt);
      }
    }
  }

  /** @param {string} method @param {object} params */
  async exchange(method, params) {
    this.link ??= this.open();
    const opening = this.link;
    const link = await opening.catch((error) => {
      if (this.link === opening) this.link = undefined;
      throw error;
    });
    const id = (this.number += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      link.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
  }

  /** A connection; the process is started if there's none. */
  async open() {
    const found = await this.connect();
    if (found) return found;
    const reasons = [];
    for (const python of await pythons(this.root)) {
      const link = await this.start(python);
      if (link instanceof net.Socket) return link;
      reasons.push(`${python}: ${link}`);
    }
    throw new Error(vscode.l10n.t("The judge doesn't start. In a terminal, run: make setup ({0})", reasons.join("; ")));
  }

  /**
   * Start the process, and connect to it; or why it doesn't start.
   * @param {string} python @returns {Promise<net.Socket | string>}
   */
  async start(python) {
    const paths = [this.root, process.env.PYTHONPATH].filter(Boolean).join(path.delimiter);
    const env = { ...process.env, PYTHONPATH: paths };
    let reason = "";
    const words = ["-m", "kit.learner.service", this.root];
    fs.mkdirSync(path.join(this.root, ".workshop"), { recursive: true });
    const log = fs.openSync(path.join(this.root, ".workshop", "judge.log"), "w");
    const child = spawn(python, words, { cwd: this.root, env, detached: true, stdio: ["ignore", log, log] });
    fs.closeSync(log);
    child.on("error", (error) => (reason = error.message));
    child.on("exit", (code) => (reason = vscode.l10n.t("ended with {0}", String(code))));
    child.unref();
    for (const end = Date.now() + PATIENCE; Date.now() < end; await wait(30)) {
      const ended = reason;
      const link = await this.connect();
      if (link) return link;
      if (ended) return ended;
    }
    return vscode.l10n.t("no answer");
  }

  /** @returns {Promise<net.Socket | undefined>} */
  connect() {
    return new Promise((resolve) => {
      let address = "";
      try {
        address = JSON.parse(fs.readFileSync(path.join(this.root, ".workshop", "judge.json"), "utf8")).socket;
        if (fs.statSync(address).uid !== process.getuid?.()) return resolve(undefined);
      } catch {
        return resolve(undefined);
      }
      const link = net.connect(address);
      let unread = "";
      link.setEncoding("utf8");
      link.on("connect", () => resolve(link));
      link.on("data", (data) => {
        const lines = (unread + data).split("\n");
        unread = lines.pop() ?? "";
        lines.forEach((line) => this.receive(JSON.parse(line)));
      });
      link.on("error", () => resolve(undefined));
      link.on("close", () => this.close());
    });
  }

  /** @param {{id: number, result?: any, error?: {code: number, message: string, data?: string[]}}} response */
  receive({ id, result, error }) {
    const asked = this.waiting.get(id);
    this.waiting.delete(id);
    if (!error) asked?.resolve(result);
    else if (error.code === FAULT && error.data) asked?.reject(new Fault(error.data));
    else asked?.reject(error.code === RESTARTING ? new Gone(error.message) : new Error(error.message));
  }

  /** Close the connection. The process stays. */
  close() {
    const { link, waiting } = this;
    this.link = undefined;
    this.waiting = new Map();
    link?.then((socket) => socket.destroy(), () => {});
    waiting.forEach(({ reject }) => reject(new Gone(vscode.l10n.t("the judge has gone"))));
  }
}

/**
 * The interpreters to try, the best first: the environment's, the system's, the one chosen in the Python extension.
 * @param {string} root @returns {Promise<string[]>}
 */
async function pythons(root) {
  const own = path.resolve(root, process.env.WORKSHOP_VENV || ".venv", "bin", "python");
  const extension = vscode.extensions.getExtension("ms-python.python");
  const chosen = (await extension?.activate())?.environments?.getActiveEnvironmentPath(vscode.Uri.file(root))?.path;
  return [...(fs.existsSync(own) ? [own] : []), "python3", ...(chosen ? [chosen] : [])];
}

module.exports = { Service };
