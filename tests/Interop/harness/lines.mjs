// A child process that says what happens to it as JSON lines on its standard output.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const KeptLines = 60;

export class LineProcess {
    #child;
    #log = [];
    #waiting = new Set();
    #ended = null;
    #onLine;

    constructor(command, args, options, onLine) {
        this.#onLine = onLine;
        this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, ...options });
        this.#child.stdin.on('error', () => {});
        this.exited = new Promise(resolve => {
            const end = text => {
                this.#ended ??= text;
                this.wake();
                resolve();
            };
            this.#child.on('error', error => end(error.message));
            this.#child.on('close', (code, signal) => end(signal ? `ended by ${signal}` : `ended with code ${code}`));
        });
        createInterface({ input: this.#child.stdout }).on('line', line => this.#take(line));
        createInterface({ input: this.#child.stderr }).on('line', line => this.#keep(line));
    }

    get hasEnded() {
        return this.#ended !== null;
    }

    /** The last lines it wrote that onLine did not take for itself, for a failure's message. */
    get log() {
        return this.#log.join('\n');
    }

    #take(line) {
        if (!this.#onLine(line)) this.#keep(line);
        this.wake();
    }

    #keep(line) {
        this.#log.push(line.length > 2000 ? `${line.slice(0, 2000)}…` : line);
        if (this.#log.length > KeptLines) this.#log.shift();
    }

    wake() {
        for (const check of [...this.#waiting]) check();
    }

    /** Waits until the condition holds; fails with what the process said where it ends first or the deadline passes. */
    until(condition, what, milliseconds) {
        return new Promise((resolve, reject) => {
            const settle = (finish, value) => {
                clearTimeout(timer);
                this.#waiting.delete(check);
                finish(value);
            };
            const check = () => {
                if (condition()) settle(resolve);
                else if (this.#ended) settle(reject, new Error(`${what}: ${this.#ended}`));
            };
            const timer = setTimeout(() => settle(reject, new Error(`${what}: not within ${milliseconds} ms`)), milliseconds);
            this.#waiting.add(check);
            check();
        });
    }

    say(line) {
        this.#child.stdin.write(`${line}\n`);
    }

    /** Signals it and all it started, such as an encoder that would keep its pipes open. */
    kill(signal = 'SIGKILL') {
        try {
            if (this.#child.pid) process.kill(-this.#child.pid, signal);
        } catch {
            // All of them have ended.
        }
    }
}
