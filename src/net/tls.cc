#include "net/tls.h"

#include <openssl/err.h>

#include <array>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace usher::net {
namespace {

constexpr std::size_t kRecordBytesMax = 16384;

std::string last_error() {
  char text[256] = "unknown error";
  if (const unsigned long code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
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

TlsContext::TlsContext(const std::string& certificate_file, const std::string& key_file)
    : context_(SSL_CTX_new(TLS_server_method())) {
  USHER_CHECK(context_);
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context,
                                 SSL_SESS_CACHE_OFF);  // tickets do it, without memory here
  SSL_CTX_set_alpn_select_cb(context, select_http11, nullptr);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    throw TlsError("tls.certificate_file: '" + certificate_file +
                   "' is not a readable PEM certificate chain (" + last_error() + ")");
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw TlsError("tls.key_file: '" + key_file + "' is not a readable PEM private key (" +
                   last_error() + ")");
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    throw TlsError("tls.key_file: '" + key_file + "' does not belong to the certificate in '" +
                   certificate_file + "'");
  }
}

TlsSession::TlsSession(const TlsContext& context, int fd) : session_(SSL_new(context.get())) {
  USHER_CHECK(session_);
  USHER_CHECK(SSL_set_fd(session_.get(), fd) == 1);
  SSL_set_accept_state(session_.get());
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
  ERR_clear_error();  // a stale error of another connection would be taken for ours
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
