"""Signing in, and what is one's own."""

from tests.screens.scenes.kinds import plain

SCENES = [
    plain("accounts:profile", "profile", "buyer"),
    plain("accounts:delete", "delete-account", "buyer"),
    plain("accounts:token_list", "tokens", "owner"),
    plain("accounts:token_new", "token-new", "owner"),
    plain("account_login", "sign-in"),
    plain("account_signup", "sign-up"),
    plain("account_logout", "sign-out", "buyer"),
    plain("account_reset_password", "reset-password"),
    plain("account_reset_password_done", "reset-password-sent"),
    plain("account_change_password", "change-password", "buyer"),
    plain("account_email", "change-address", "buyer"),
    plain("account_email_verification_sent", "confirm-address"),
    plain("account_reauthenticate", "confirm-it-is-you", "buyer"),
    plain("mfa_index", "second-factor", "buyer"),
    plain("mfa_activate_totp", "second-factor-app", "buyer"),
    plain("mfa_add_webauthn", "second-factor-passkey", "buyer"),
]
