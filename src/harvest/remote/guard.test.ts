import { describe, expect, test } from 'vitest'
import { createGuard, parseNetwork, specialRange } from './guard.ts'

const publicHost = async () => [{ address: '93.184.216.34', family: 4 }]
const guard = createGuard({ resolve: publicHost })

const refusal = async (address: string, g = guard) =>
  g.check(address).then(
    () => undefined,
    (error) => `${error.code} ${error.fault.rule}`,
  )

describe('addresses', () => {
  test.each([
    ['ftp://portal.example/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['gopher://portal.example/', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['portal.example', 'url'],
    ['', 'url'],
    ['http://user:secret@portal.example/', 'credentials_in_url'],
    ['http://user@portal.example/', 'credentials_in_url'],
    ['http://portal.example:22/', 'port'],
    ['http://portal.example:25/', 'port'],
    ['https://portal.example:6379/', 'port'],
    ['http://portal.example:5432/', 'port'],
    ['http://127.1/', 'odd_host'],
    ['http://0x7f000001/', 'odd_host'],
    ['http://2130706433/', 'odd_host'],
    ['http://017700000001/', 'odd_host'],
    ['http://0177.0.0.1/', 'odd_host'],
    ['http://①②⑦.⓪.⓪.①/', 'odd_host'],
    ['http://134744072/', 'odd_host'],
    ['http://127.0.0.1/', 'address_not_public'],
    ['http://127.8.9.10/', 'address_not_public'],
    ['http://0.0.0.0/', 'address_not_public'],
    ['http://10.0.0.1/', 'address_not_public'],
    ['http://172.16.0.1/', 'address_not_public'],
    ['http://192.168.1.1:8080/', 'address_not_public'],
    ['http://100.64.0.1/', 'address_not_public'],
    ['http://169.254.169.254/latest/meta-data/', 'address_not_public'],
    ['http://168.63.129.16/', 'address_not_public'],
    ['http://224.0.0.1/', 'address_not_public'],
    ['http://255.255.255.255/', 'address_not_public'],
    ['http://[::1]/', 'address_not_public'],
    ['http://[::]/', 'address_not_public'],
    ['http://[fe80::1]/', 'address_not_public'],
    ['http://[fc00::1]/', 'address_not_public'],
    ['http://[fd00:ec2::254]/', 'address_not_public'],
    ['http://[ff02::1]/', 'address_not_public'],
    ['http://[::ffff:127.0.0.1]/', 'address_not_public'],
    ['http://[::ffff:7f00:1]/', 'address_not_public'],
    ['http://[::127.0.0.1]/', 'address_not_public'],
    ['http://[64:ff9b::7f00:1]/', 'address_not_public'],
    ['http://[2002:7f00:1::]/', 'address_not_public'],
    ['http://[2001:0:7f00:1::]/', 'address_not_public'],
  ])('%s is refused: %s', async (address, rule) =>
    expect(await refusal(address)).toBe(`address_refused ${rule}`),
  )

  test.each([
    'http://portal.example/',
    'https://portal.example/api?x=1',
    'http://portal.example:8080/',
    'https://portal.example:8443/',
    'http://93.184.216.34/',
    'http://[2606:2800:220:1::1]/',
  ])('%s is taken', async (address) => expect(await refusal(address)).toBeUndefined())
})

describe('names', () => {
  const at = (...addresses: string[]) =>
    createGuard({
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    })

  test('a name at a private address is refused, also beside a public one', async () => {
    expect(await refusal('http://intranet.example/', at('10.1.2.3'))).toBe(
      'address_refused address_not_public',
    )
    const both = at('93.184.216.34', '::ffff:10.1.2.3')
    expect(await refusal('http://both.example/', both)).toBe('address_refused address_not_public')
  })

  test('what was checked is what is connected to', async () => {
    const { addresses } = await at('93.184.216.34', '2606:2800:220:1::1').check('http://portal.example/')
    expect(addresses.map((a) => a.address)).toEqual(['93.184.216.34', '2606:2800:220:1::1'])
  })

  test('the message does not tell where a private name is', async () => {
    const error = await at('10.1.2.3')
      .check('http://intranet.example/?token=x')
      .catch((e) => e)
    expect(error.message).toContain('http://intranet.example/')
    expect(JSON.stringify([error.message, error.faults])).not.toMatch(/10\.1\.2\.3|token/)
  })

  test('a name that does not resolve is a failure of the source, to be tried again where the servers are busy', async () => {
    const failing = (code: string) =>
      createGuard({
        resolve: async () => {
          throw Object.assign(new Error(code), { code })
        },
      })
    await expect(failing('ENOTFOUND').check('http://x.example/')).rejects.toMatchObject({
      code: 'source_failed',
      transient: false,
    })
    await expect(failing('EAI_AGAIN').check('http://x.example/')).rejects.toMatchObject({ transient: true })
    expect(await refusal('http://x.example/', at())).toBe('source_failed host_not_found')
  })
})

describe('networks that the operator allows', () => {
  const allowing = createGuard({ allow: ['10.20.0.0/16', '127.0.0.1', 'fd12::/16', '169.254.0.0/16'] })
  test.each([
    ['http://10.20.3.4/', undefined],
    ['http://10.21.3.4/', 'address_refused address_not_public'],
    ['http://127.0.0.1:8080/', undefined],
    ['http://127.0.0.2/', 'address_refused address_not_public'],
    ['http://[::ffff:10.20.3.4]/', undefined],
    ['http://[fd12::1]/', undefined],
    // Secrets of the machine are told nobody, whatever is allowed.
    ['http://169.254.169.254/', 'address_refused address_not_public'],
    ['http://10.20.3.4:5432/', 'address_refused port'],
  ])('%s: %s', async (address, expected) => expect(await refusal(address, allowing)).toBe(expected))

  test('a network is written as such or as one address', () => {
    expect(parseNetwork('10.0.0.0/8')?.[1]).toBe(8)
    expect(parseNetwork('::1')?.[1]).toBe(128)
    for (const text of ['10.0.0.0/33', 'localhost', '10.0.0', '']) expect(parseNetwork(text)).toBeUndefined()
    expect(specialRange('no address')).toBe('none')
  })
})
