// The real server in the network's server namespace, and what tests ask it over HTTP.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LineProcess } from './lines.mjs';
import { inside, Links } from './network.mjs';

const Root = path.resolve(import.meta.dirname, '../../..');
const OperatorToken = 'operator-token-for-tests-0123456789';
const StartDeadline = 60_000;

export class Server {
    #process;
    #folder;
    #port = 0;
    #channels = 0;

    static async start() {
        const server = new Server();
        const binary = path.join(Root, 'src/Server/bin/Release/net10.0/sluice');
        if (!existsSync(binary)) throw new Error(`${binary} is not built: dotnet build src/Server -c Release`);
        server.#folder = mkdtempSync(path.join(tmpdir(), 'sluice-interop-'));
        const [command, args] = inside(process.env.SLUICE_INTEROP_NETWORK, 'server', binary, ['serve', '--Http:Port=0', '--WebRtc:Port=0', '--Rtmp:Port=0', '--Log:Level=information']);
        server.#process = new LineProcess(command, args, {
            cwd: server.#folder, env: { ...process.env, SLUICE_DATA: server.#folder, SLUICE_ADMIN_TOKEN: OperatorToken },
        }, line => {
            server.#port ||= Number(/^\s*Ports\s.*\bhttp (\d+)/.exec(line)?.[1] ?? 0);
            return false;
        });
        try {
            await server.#process.until(() => server.#port > 0, 'the server starts', StartDeadline);
        } catch (error) {
            await server.stop();
            throw error;
        }
        return server;
    }

    /** The server's address as seen over a link. */
    url(link = 'clean') {
        const { server } = Links[link];
        return `http://${server.includes(':') ? `[${server}]` : server}:${this.#port}`;
    }

    async #api(method, where, body) {
        const answer = await fetch(this.url() + where, {
            method, headers: { Authorization: `Bearer ${OperatorToken}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
        });
        if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`);
        return answer.status === 204 ? null : answer.json();
    }

    async createChannel() {
        const number = ++this.#channels;
        const { id, key } = await this.#api('POST', '/api/v1/channels', { name: `Interop ${number}`, id: `interop_${number}` });
        return { id, key };
    }

    /** Every live stream, with its publisher's figures. */
    async streams() {
        return (await this.#api('GET', '/api/v1/streams')).streams;
    }

    get log() {
        return this.#process.log;
    }

    async stop() {
        this.#process.kill('SIGTERM');
        const timer = setTimeout(() => this.#process.kill(), 10_000);
        await this.#process.exited;
        clearTimeout(timer);
        rmSync(this.#folder, { recursive: true, force: true });
    }
}
