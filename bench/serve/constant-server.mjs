// A plain fastify server that parses the body of an inference request and answers a constant: what HTTP and JSON alone cost.
// Usage: node constant-server.mjs ANSWER
import fastify from 'fastify';

const [answer] = process.argv.slice(2);
const app = fastify({ bodyLimit: 4 * 1024 * 1024 });
app.post('/v2/models/:model/infer', (request, reply) => {
  if (!Array.isArray(request.body?.inputs)) return reply.code(400).send({ error: 'no inputs' });
  return reply.type('application/json; charset=utf-8').send(answer);
});
console.log(JSON.stringify({ url: await app.listen({ port: 0 }) }));
process.on('SIGTERM', () => app.close());
