// A stage that does what the test tells it: it connects to the test's socket, names itself, and waits for its orders.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const [, , socket, name, out] = process.argv;
const connection = connect(socket, () => connection.write(`${JSON.stringify({ name, pid: process.pid })}\n`));
connection.setEncoding('utf8');

const orders = {
  finish: ({ text }) => {
    writeFileSync(out, text);
    process.exit(0);
  },
  fail: ({ status }) => process.exit(status),
  ignoreSigterm: () => {
    process.on('SIGTERM', () => connection.write('{"asked":true}\n'));
    connection.write('{"done":true}\n');
  },
  spawn: ({ argv, detached }) => {
    const child = spawn(argv[0], argv.slice(1), { detached, stdio: 'inherit' });
    child.once('spawn', () => connection.write(`${JSON.stringify({ done: true, pid: child.pid })}\n`));
  },
};

let text = '';
connection.on('data', (piece) => {
  text += piece;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
    const order = JSON.parse(text.slice(0, end));
    text = text.slice(end + 1);
    orders[order.order](order);
  }
});
// The test is gone: nobody will ever tell this stage to end.
connection.on('close', () => process.exit(99));
