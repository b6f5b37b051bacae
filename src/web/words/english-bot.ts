/** What the bot says, and what pages say of it, in English. */
export const englishBot = {
  commands: {
    get: 'Show your API token',
    revoke: 'Replace your API token',
    help: 'What this bot does',
  },
  hello: (brand: string) => `This bot gives you your API token for ${brand}.`,
  help: '/get shows your token, and makes one if you have none.\n/revoke ends it and gives you another.',
  shown: 'Your API token:',
  made: 'Your new API token:',
  replaced: 'The old token has ended. Your new one:',
  keep: 'Whoever has it can act for you: show it to nobody. /revoke ends it.',
  copy: 'Copy',
  hidden: (lastFour: string) =>
    `You have a token that ends in ${lastFour}. It cannot be shown again; /revoke ends it and gives you another.`,
  leaked: 'Somebody found your token in public, so it was ended.',
  none: 'You have no token. /get makes one.',
  onlyPrivate: 'Write to me in private: what I answer is for you alone.',
  throttled: 'These are many messages. Wait a minute, then try again.',
  problems: {
    noAccount: (issuer: string) =>
      `Nobody here knows you yet. Sign in at ${issuer} and link Telegram to your account there.`,
    disabled: 'Your account is disabled.',
    tooMany: 'Your account has as many API tokens as it may. Delete one, then send /get.',
    other: 'You can have no API token now.',
  },
  agent: (agent: string, app: string) => `${agent} (your agent, with ${app})`,
  asks: {
    payment: (app: string, tool: string) => `${app} asks you to pay for ${tool}`,
    job: (app: string, tool: string) => `${app} wants to begin ${tool}`,
    call: (app: string, tool: string) => `${app} wants to use ${tool}`,
  },
  asksWho: (app: string, resource: string) => `${app} asks who you are, for access to ${resource}`,
  ifNot: (app: string) =>
    `If you did not start this with ${app}, or the text is another, choose Deny.`,
  onPage: 'This cannot be decided by a message. See all of it, and decide, here:',
  tooLong: 'What it asks is too long for a message. See all of it, and decide, here:',
  approve: 'Approve',
  deny: 'Deny',
  approved: 'Approved',
  denied: 'Denied',
  notOpen: 'This question is no longer open.',
  page: {
    title: 'Get an API token by Telegram',
    open: 'For scripts and command lines. Open the bot:',
    send: 'Send it this, and copy the token that it answers with.',
  },
}
