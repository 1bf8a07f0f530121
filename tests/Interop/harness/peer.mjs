// One client: a program of stacks/ that runs some WebRTC stack, publishing or playing, in a client namespace.
import path from 'node:path';
import { LineProcess } from './lines.mjs';
import { inside } from './network.mjs';

// Generous: the machine may have two slow cores and run other things.
const Patience = 90_000;
const EndPatience = 15_000;

export class Peer {
    #process;
    #isWanted = true;
    figures = {};
    states = [];
    answered = null;
    stopped = null;

    constructor(name, program, options, link) {
        this.name = `${name} (${options.direction} ${options.codec})`;
        const script = path.join(import.meta.dirname, '../stacks', program);
        const interpreter = program.endsWith('.py') ? '/usr/bin/python3' : process.execPath;
        const own = [script, JSON.stringify(options)];
        const [command, args] = link === 'clean' ? [interpreter, own] : inside(process.env.SLUICE_INTEROP_NETWORK, link, interpreter, own);
        this.#process = new LineProcess(command, args, {}, line => this.#take(line));
        /** Rejects where the program ends unasked. */
        this.failed = new Promise((_, reject) => this.#process.exited.then(() => this.#isWanted && reject(new Error(`${this.name} ended unasked`))));
        this.failed.catch(() => {});
    }

    #take(line) {
        if (!line.startsWith('{"event"')) return false;
        const { event, ...rest } = JSON.parse(line);
        if (event === 'figures') this.figures = rest.figures;
        else if (event === 'state') this.states.push(rest.state);
        else if (event === 'answered') this.answered = rest;
        else if (event === 'stopped') this.stopped = rest;
        return event === 'figures';
    }

    /** Waits until its figures satisfy a condition. */
    async until(what, condition) {
        const holds = () => {
            try {
                return condition(this.figures);
            } catch {
                return false;
            }
        };
        await this.#process.until(holds, `${this.name}: ${what}`, Patience);
        return this.figures;
    }

    connected() {
        return this.#process.until(() => this.states.includes('connected'), `${this.name}: connects`, Patience);
    }

    /** Ends the session by DELETE and returns its status. */
    async end() {
        this.#isWanted = false;
        this.#process.say('stop');
        await this.#process.until(() => this.stopped, `${this.name}: ends its session`, EndPatience);
        return this.stopped.status;
    }

    get log() {
        return this.#process.log;
    }

    async kill() {
        this.#isWanted = false;
        this.#process.kill();
        await this.#process.exited;
    }
}
