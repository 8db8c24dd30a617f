export const words = {
  title: 'Sign in to Tidemark',
  hint: 'Usage, spend and reliability of your AI products.',
  with: (provider: string) => `Continue with ${provider}`,
  or: 'or',
  proof: 'Token or API key',
  proofHint: 'A token comes from "npx tidemark token". An API key is on the page API keys.',
  signIn: 'Sign in',
  signingIn: 'Signing in…',
  empty: 'Paste a token or an API key.',
  refused: 'You were not signed in',
  codeRefused: 'The link of the start works once, and for ten minutes.',
  reasons: {
    no_role: 'Your account has no role in Tidemark. Ask whoever runs it to give you one.',
    no_org: 'Your account belongs to no organisation in Tidemark. Ask whoever runs it to add you.',
    expired: 'The sign-in took too long. Start again.',
    denied: 'The provider refused, or you cancelled.',
    no_provider: 'No provider is set up for signing in. Use a token or an API key.',
    provider_unavailable: 'The provider does not answer. Try again, or use a token.',
    provider_error:
      'The provider gave an answer that Tidemark cannot use. The log of the service has the details.',
  } as Record<string, string>,
} as const;
