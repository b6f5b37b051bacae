/**
 * Passkeys in the browser. A form says in `data-passkey` what it wants (`get` or `create`) and in
 * `data-options` how; the answer goes into its field `credential`, and the form is sent as any
 * other. Without this module the form stays hidden, and the page works by password.
 */
const form = document.querySelector('form[data-passkey]')

function bytes(text) {
  const base64 = text.replace(/-/g, '+').replace(/_/g, '/')
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

function text(buffer) {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(buffer)))
  return base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

function described(list) {
  return (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }))
}

function creation({ challenge, user, excludeCredentials, ...options }) {
  return {
    ...options,
    challenge: bytes(challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: described(excludeCredentials),
  }
}

function assertion({ challenge, allowCredentials, ...options }) {
  return {
    ...options,
    challenge: bytes(challenge),
    allowCredentials: described(allowCredentials),
  }
}

/** By hand: what some password managers give in the place of a credential has no `toJSON`. */
function asJson({ id, rawId, type, response, authenticatorAttachment }) {
  const answer = { clientDataJSON: text(response.clientDataJSON) }
  if (response.attestationObject) {
    answer.attestationObject = text(response.attestationObject)
    answer.transports = response.getTransports?.() ?? []
  } else {
    answer.authenticatorData = text(response.authenticatorData)
    answer.signature = text(response.signature)
    if (response.userHandle) answer.userHandle = text(response.userHandle)
  }
  return {
    id,
    rawId: text(rawId),
    type,
    authenticatorAttachment,
    response: answer,
    clientExtensionResults: {},
  }
}

const isCreation = form?.dataset.passkey === 'create'
const options = form && JSON.parse(form.dataset.options)
let waiting

async function ask(more) {
  const status = form.querySelector('[role="status"]')
  waiting?.abort()
  waiting = new AbortController()
  const { signal } = waiting
  try {
    const credential = isCreation
      ? await navigator.credentials.create({ publicKey: creation(options), signal })
      : await navigator.credentials.get({ publicKey: assertion(options), signal, ...more })
    form.elements.credential.value = JSON.stringify(asJson(credential))
    form.submit()
  } catch (error) {
    if (error.name !== 'AbortError' && !more) status.hidden = false
  }
}

if (form && window.PublicKeyCredential) {
  form.hidden = false
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    ask()
  })
  if (!isCreation && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
    ask({ mediation: 'conditional' })
  }
}
