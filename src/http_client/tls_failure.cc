#include "http_client/tls_failure.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

namespace usher::http_client {

namespace {

constexpr int kNamesMax = 5;

// The names of a certificate are a peer's text: they are cleaned before they are shown.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 255)) out += c > 0x20 && c < 0x7F ? c : '?';
  return out;
}

std::string name_of(const GENERAL_NAME* name) {
  if (name->type == GEN_DNS) {
    const ASN1_IA5STRING* const text = name->d.dNSName;
    return shown({reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                  static_cast<std::size_t>(ASN1_STRING_length(text))});
  }
  if (name->type != GEN_IPADD) return "";
  const unsigned char* const bytes = ASN1_STRING_get0_data(name->d.iPAddress);
  boost::asio::ip::address_v4::bytes_type v4;
  boost::asio::ip::address_v6::bytes_type v6;
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.iPAddress));
  if (size == v4.size()) {
    std::copy_n(bytes, v4.size(), v4.begin());
    return boost::asio::ip::make_address_v4(v4).to_string();
  }
  if (size != v6.size()) return "";
  std::copy_n(bytes, v6.size(), v6.begin());
  return boost::asio::ip::make_address_v6(v6).to_string();
}

std::string names_of(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::string list;
  for (int i = 0; names && i < std::min(sk_GENERAL_NAME_num(names.get()), kNamesMax); ++i) {
    const std::string name = name_of(sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty()) list += (list.empty() ? "" : ", ") + name;
  }
  return list.empty() ? "no name at all" : list;
}

std::string date_of(const ASN1_TIME* time) {
  tm date{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &date) != 1) return "an unreadable date";
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &date)};
}

}  // namespace

bool TlsFailure::verify(bool preverified, boost::asio::ssl::verify_context& context) {
  X509* const certificate = X509_STORE_CTX_get_current_cert(context.native_handle());
  if (!preverified && certificate != nullptr) {
    since_ = date_of(X509_get0_notBefore(certificate));
    until_ = date_of(X509_get0_notAfter(certificate));
  }
  const bool good = boost::asio::ssl::host_name_verification(host_)(preverified, context);
  if (preverified && !good && certificate != nullptr) names_ = names_of(certificate);
  return good;
}

std::string TlsFailure::text(SSL* ssl, const boost::system::error_code& error) const {
  if (!names_.empty()) {
    return "the certificate of " + place_ + " is not for " + host_ + " but for " + names_ +
           ": use a name that it holds, or give the server a certificate for this one";
  }
  const long why = SSL_get_verify_result(ssl);
  switch (why) {
    case X509_V_OK:
      break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the certificate of " + place_ + " has expired, on " + until_ +
             ": renew it, or set this machine's clock right";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the certificate of " + place_ + " is not valid before " + since_ +
             ": set this machine's clock right";
    default:
      return "the certificate of " + place_ + " is not trusted (" +
             X509_verify_cert_error_string(why) + "): its issuer is not among this machine's CAs";
  }
  const bool is_ssl = error.category() == boost::asio::error::get_ssl_category();
  const int reason = is_ssl ? ERR_GET_REASON(static_cast<unsigned long>(error.value())) : 0;
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
    return "what " + place_ + " answers is no TLS (" + error.message() +
           "): is the URL to begin with http:// or ws://?";
  }
  if (error == boost::asio::error::eof || error == boost::asio::ssl::error::stream_truncated) {
    return place_ + " has hung up in the handshake: is there TLS on this port?";
  }
  return place_ + ": " + error.message();
}

}  // namespace usher::http_client
