/**
 * How well a person can have proved who they are, by names that are known elsewhere: a proof that
 * cannot be lured away, which two factors are part of, and two factors.
 *
 * @see [OpenID Connect Extended Authentication Profile ACR Values 1.0 §2](https://openid.net/specs/openid-connect-eap-acr-values-1_0.html)
 * @see [REFEDS MFA Profile](https://refeds.org/profile/mfa)
 */

/** The best first. */
export const contextClasses = ['phr', 'https://refeds.org/profile/mfa'] as const

export type ContextClass = (typeof contextClasses)[number]
