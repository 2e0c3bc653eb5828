import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

/**
 * A password from standard input: asked for twice without echo at a terminal, else the first line. Never an argument:
 * those are seen by everybody on the machine and stay in the shell's history.
 * @throws Error when the two differ, or there is none.
 */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) {
    const line = (await text(process.stdin)).split(/\r?\n/)[0]!
    if (line === '') throw new Error('No password came on standard input.')
    return line
  }
  const first = await askHidden('Password: ')
  if (first !== (await askHidden('The same again: '))) throw new Error('The two are not the same.')
  return first
}

function askHidden(question: string): Promise<string> {
  const deaf = new Writable({ write: (_chunk, _encoding, done) => done() })
  const asked = createInterface({ input: process.stdin, output: deaf, terminal: true })
  process.stderr.write(question)
  return new Promise((resolve, reject) => {
    asked.question('', resolve)
    asked.on('SIGINT', () => reject(new Error('Stopped.')))
    asked.on('close', () => reject(new Error('No password was given.')))
  }).finally(() => {
    asked.close()
    process.stderr.write('\n')
  }) as Promise<string>
}
