#include "net/tls.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "http_client/tls_trust.h"

namespace usher::net {
namespace {

constexpr std::size_t kRecordBytesMax = 16384;
constexpr std::size_t kIvBytes = 16;  // of AES-CBC

// Chooses the key that seals a new ticket, or opens a client's
// (SSL_CTX_set_tlsext_ticket_key_evp_cb). Returns 0 for a full handshake, 1 for a resumed session,
// 2 for a resumed session with a new ticket, and -1 for a failure.
int choose_ticket_key(SSL* session, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                      EVP_MAC_CTX* mac, int seals) {
  auto& keys = *static_cast<TlsTicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
  TlsTicketKey key;
  int outcome = 1;
  if (seals != 0) {
    key = keys.sealing();
    std::memcpy(name, key.name.data(), key.name.size());
    keys.fill_iv(std::as_writable_bytes(std::span(iv, kIvBytes)));
  } else {
    const auto found =
        keys.opening({reinterpret_cast<const char*>(name), TlsTicketKey{}.name.size()});
    if (!found) return 0;
    key = found->key;
    if (!found->is_sealing) outcome = 2;
  }
  const auto bytes = [](std::array<std::byte, 32>& secret) {
    return reinterpret_cast<unsigned char*>(secret.data());
  };
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.hmac.data(), key.hmac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  // Fetched once, because a fetch costs as much as its use.
  static const EVP_CIPHER* const kAes = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  const bool is_set = EVP_CipherInit_ex2(cipher, kAes, bytes(key.aes), iv, seals, nullptr) == 1 &&
                      EVP_MAC_CTX_set_params(mac, parameters) == 1;
  OPENSSL_cleanse(&key, sizeof key);
  return is_set ? outcome : -1;
}

int select_http11(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                  unsigned int in_size, void*) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsContext::TlsContext(const Certificate& certificate)
    : context_(SSL_CTX_new(TLS_server_method())) {
  USHER_CHECK(context_);
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Only suites with forward secrecy and AEAD; in TLS 1.3 all suites have both. Groups are curves
  // only, because a client could otherwise choose finite fields, which cost the server far more
  // than the client.
  USHER_CHECK(SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK") == 1);
  USHER_CHECK(SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384:P-521") == 1);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Tickets resume sessions without memory here.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, select_http11, nullptr);
  use(certificate);
}

void TlsContext::seal_tickets_with(TlsTicketKeys& keys) {
  SSL_CTX_set_app_data(context_.get(), &keys);
  USHER_CHECK(SSL_CTX_set_tlsext_ticket_key_evp_cb(context_.get(), choose_ticket_key) == 1);
}

void TlsContext::use(const Certificate& certificate) {
  ERR_clear_error();
  if (SSL_CTX_use_cert_and_key(context_.get(), certificate.leaf(), certificate.key(),
                               certificate.chain().get(), 1) != 1) {
    throw TlsError("tls.certificate_file can't be used: " + openssl_complaint() +
                   "; a key of RSA 2048 or P-256 and SHA-256 will do");
  }
}

TlsSession::TlsSession(const TlsContext& context, int fd) : session_(SSL_new(context.get())) {
  USHER_INVARIANT(session_);
  USHER_INVARIANT(SSL_set_fd(session_.get(), fd) == 1);
  SSL_set_accept_state(session_.get());
}

TlsSession::TlsSession(SSL_CTX* trust, const std::string& host, int fd) : session_(SSL_new(trust)) {
  SSL* const session = session_.get();
  USHER_INVARIANT(session_);
  USHER_INVARIANT(SSL_set_fd(session, fd) == 1);
  SSL_set_mode(session, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_options(session, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_set_verify(session, SSL_VERIFY_PEER, nullptr);
  USHER_INVARIANT(http_client::announce_host(session, host));
  // What only looks like an address (127.1) is a name, which no certificate will have.
  USHER_INVARIANT(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1 ||
                  SSL_set1_host(session, host.c_str()) == 1);
  SSL_set_connect_state(session);
}

std::string TlsSession::failure_text() const {
  const long verdict = SSL_get_verify_result(session_.get());
  if (verdict != X509_V_OK) {
    return std::string("its certificate is refused: ") + X509_verify_cert_error_string(verdict);
  }
  const unsigned long error = ERR_peek_last_error();
  if (error == 0) return "the connection was lost";
  const char* const reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : "OpenSSL error " + std::to_string(error);
}

IoResult TlsSession::failure(int result) {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {IoStatus::want_read};
    case SSL_ERROR_WANT_WRITE:
      return {IoStatus::want_write};
    case SSL_ERROR_ZERO_RETURN:
      return {IoStatus::end};
    default:
      return {IoStatus::failed};
  }
}

IoResult TlsSession::read(std::span<char> buffer) {
  ERR_clear_error();  // otherwise a stale error of another connection would count as ours
  std::size_t bytes = 0;
  const int result = SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &bytes);
  return result == 1 ? IoResult{IoStatus::done, bytes} : failure(result);
}

IoResult TlsSession::write(std::span<const iovec> parts) {
  thread_local std::array<char, kRecordBytesMax> record;
  std::string_view bytes;
  if (parts.size() == 1) {
    bytes = {static_cast<const char*>(parts[0].iov_base),
             std::min(parts[0].iov_len, kRecordBytesMax)};
  } else {
    std::size_t size = 0;
    for (const iovec& part : parts) {
      const std::size_t count = std::min(part.iov_len, record.size() - size);
      std::memcpy(record.data() + size, part.iov_base, count);
      size += count;
    }
    bytes = {record.data(), size};
  }
  ERR_clear_error();
  std::size_t written = 0;
  const int result = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &written);
  return result == 1 ? IoResult{IoStatus::done, written} : failure(result);
}

void TlsSession::shut_down() {
  ERR_clear_error();
  if (SSL_is_init_finished(session_.get())) SSL_shutdown(session_.get());
}

}  // namespace usher::net
