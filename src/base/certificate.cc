#include "base/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ui.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "base/check.h"

namespace usher {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr std::size_t kCertificatesMax = 32;

int no_passphrase(char*, int, int, void*) { return -1; }

Bio reader_of(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  USHER_CHECK(bio != nullptr);
  return bio;
}

std::string name_of(const PemFile& file) {
  return std::string(file.key) + ": '" + std::string(file.path) + "'";
}

[[noreturn]] void fail(const PemFile& file, const std::string& what) {
  ERR_clear_error();
  throw CertificateError(name_of(file) + " " + what);
}

bool has_block(std::string_view text, std::string_view kind) {
  return text.find("-----BEGIN " + std::string(kind) + "-----") != std::string_view::npos;
}
bool has_certificate(std::string_view text) {
  return has_block(text, "CERTIFICATE") || has_block(text, "TRUSTED CERTIFICATE") ||
         has_block(text, "X509 CERTIFICATE");
}
bool has_private_key(std::string_view text) {
  return text.find("PRIVATE KEY-----") != std::string_view::npos;
}
bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// What a file without PEM is in truth; empty: nothing that we know.
enum class Binary : std::uint8_t { unknown, certificate, key, pkcs12 };

template <class T, class Free>
bool decodes(T* (*decode)(BIO*, T**), Free free, std::string_view text) {
  T* const found = decode(reader_of(text).get(), nullptr);
  free(found);
  ERR_clear_error();
  return found != nullptr;
}

Binary binary_kind(std::string_view text) {
  if (!text.starts_with('\x30')) return Binary::unknown;  // a sequence, as all of these are
  if (decodes(d2i_X509_bio, X509_free, text)) return Binary::certificate;
  if (decodes(d2i_PKCS12_bio, PKCS12_free, text)) return Binary::pkcs12;
  if (decodes(d2i_PrivateKey_bio, EVP_PKEY_free, text)) return Binary::key;
  return Binary::unknown;
}

// `before` and `after` stand on both sides of the path: "x509 -inform der -in", "-nodes".
std::string make_it_pem(std::string_view form, std::string_view before, const PemFile& file,
                        std::string_view after = {}) {
  std::string text("is ");
  text.append(form).append("; make it PEM: openssl ").append(before).append(" ").append(file.path);
  if (!after.empty()) text.append(" ").append(after);
  return text + " -out FILE.pem";
}

// Why there is no certificate in the file.
std::string instead_of_certificate(const PemFile& file) {
  const std::string_view text = file.text;
  if (is_blank(text)) return "is empty; it must hold the certificate and its chain as PEM";
  if (has_private_key(text)) {
    return "holds a private key and no certificate; are the files of certificate and key swapped?";
  }
  if (has_block(text, "CERTIFICATE REQUEST") || has_block(text, "NEW CERTIFICATE REQUEST")) {
    return "holds a request for a certificate (CSR); name the certificate that your authority made "
           "of it";
  }
  if (has_block(text, "PKCS7")) {
    return make_it_pem("a PKCS #7 file", "pkcs7 -in", file, "-print_certs");
  }
  switch (binary_kind(text)) {
    case Binary::certificate:
      return make_it_pem("in DER form", "x509 -inform der -in", file);
    case Binary::pkcs12:
      return make_it_pem("a PKCS #12 file", "pkcs12 -in", file, "-nodes");
    case Binary::key:
      return "is a private key in DER form, and no certificate; are the files of certificate and "
             "key swapped?";
    case Binary::unknown:
      break;
  }
  return "holds no PEM certificate (-----BEGIN CERTIFICATE-----); it must hold the certificate and "
         "its chain, leaf first";
}

// Likewise for a private key.
std::string instead_of_key(const PemFile& file) {
  const std::string_view text = file.text;
  if (is_blank(text)) return "is empty; it must hold the certificate's private key as PEM";
  if (has_certificate(text)) {
    return "holds a certificate and no private key; are the files of certificate and key swapped?";
  }
  if (has_block(text, "PUBLIC KEY") || has_block(text, "RSA PUBLIC KEY")) {
    return "holds a public key; the private one is needed";
  }
  switch (binary_kind(text)) {
    case Binary::key:
      return make_it_pem("in DER form", "pkey -inform der -in", file);
    case Binary::pkcs12:
      return make_it_pem("a PKCS #12 file", "pkcs12 -in", file, "-nodes -nocerts");
    case Binary::certificate:
      return "is a certificate in DER form, and no private key; are the files of certificate and "
             "key swapped?";
    case Binary::unknown:
      break;
  }
  return "holds no PEM private key (-----BEGIN PRIVATE KEY-----)";
}

bool is_encrypted(std::string_view text) {
  return has_block(text, "ENCRYPTED PRIVATE KEY") ||
         text.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos;
}

std::string time_text(const ASN1_TIME* time) {
  const Bio out(BIO_new(BIO_s_mem()), &BIO_free);
  USHER_CHECK(out != nullptr);
  ASN1_TIME_print(out.get(), time);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(std::max(size, 0L))};
}

int refuse_to_ask(UI*) { return 0; }

}  // namespace

std::string openssl_complaint() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason != nullptr ? reason : "no reason given";
}

void forbid_passphrase_prompts() {
  static UI_METHOD* const refusing = [] {
    UI_METHOD* const method = UI_create_method("nobody is asked");
    USHER_CHECK(method != nullptr && UI_method_set_opener(method, refuse_to_ask) == 0);
    return method;
  }();
  UI_set_default_method(refusing);
}

Certificate::Certificate(const PemFile& certificate, const PemFile& key)
    : certificate_name_(name_of(certificate)) {
  ERR_clear_error();
  read_certificates(certificate);
  read_key(key);
  check_pair(certificate, key);
  ERR_clear_error();
}

void Certificate::read_certificates(const PemFile& file) {
  const Bio bio = reader_of(file.text);
  while (X509* const found = PEM_read_bio_X509_AUX(bio.get(), nullptr, no_passphrase, nullptr)) {
    certificates_.emplace_back(found);
    if (certificates_.size() > kCertificatesMax) {
      fail(file, "holds more than " + std::to_string(kCertificatesMax) +
                     " certificates; it must hold one chain, leaf first");
    }
  }
  // The end of the file is the absence of a first line; anything else is a broken certificate.
  const unsigned long error = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (certificates_.empty() && !has_certificate(file.text))
    fail(file, instead_of_certificate(file));
  if (!at_end) {
    fail(file, "holds a certificate that can't be read (number " +
                   std::to_string(certificates_.size() + 1) + " in it: " + openssl_complaint() +
                   "); is the file cut off?");
  }
  ERR_clear_error();
  if (certificates_.empty()) fail(file, instead_of_certificate(file));
}

void Certificate::read_key(const PemFile& file) {
  const Bio bio = reader_of(file.text);
  key_.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (key_) return;
  if (is_encrypted(file.text)) {
    fail(file,
         "is encrypted, and usher asks nobody for a passphrase; decrypt it: openssl pkey -in " +
             std::string(file.path) + " -out FILE.key, and chmod 600 that");
  }
  if (!has_private_key(file.text)) fail(file, instead_of_key(file));
  fail(file, "holds a private key that can't be read (" + openssl_complaint() +
                 "); is the file cut off?");
}

void Certificate::check_pair(const PemFile& certificate, const PemFile& key) const {
  if (X509_check_private_key(leaf(), key_.get()) == 1) return;
  for (std::size_t i = 1; i < certificates_.size(); ++i) {
    if (X509_check_private_key(certificates_[i].get(), key_.get()) != 1) continue;
    fail(certificate, "begins with another certificate than its own: the key in '" +
                          std::string(key.path) + "' belongs to number " + std::to_string(i + 1) +
                          "; put that one first, then the one that issued it, and so on");
  }
  fail(key, "is the key of another certificate than the one in '" + std::string(certificate.path) +
                "'; these two must print the same: openssl pkey -pubout -in " +
                std::string(key.path) + "; openssl x509 -noout -pubkey -in " +
                std::string(certificate.path));
}

std::unique_ptr<STACK_OF(X509), Certificate::FreeStack> Certificate::chain() const {
  std::unique_ptr<STACK_OF(X509), FreeStack> found(sk_X509_new_null());
  USHER_CHECK(found);
  for (std::size_t i = 1; i < certificates_.size(); ++i) {
    USHER_CHECK(sk_X509_push(found.get(), certificates_[i].get()) > 0);
  }
  return found;
}

std::vector<std::string> Certificate::concerns(WallTime now) const {
  std::vector<std::string> found;
  std::time_t at = static_cast<std::time_t>(unix_seconds(now));
  const ASN1_TIME* const begin = X509_get0_notBefore(leaf());
  const ASN1_TIME* const end = X509_get0_notAfter(leaf());
  if (X509_cmp_time(end, &at) < 0) {
    found.push_back(certificate_name_ + " expired at " + time_text(end) +
                    ": clients refuse it; put a new one there, then SIGHUP");
  } else if (X509_cmp_time(begin, &at) > 0) {
    found.push_back(certificate_name_ + " is not valid before " + time_text(begin) +
                    ": clients refuse it until then; is this machine's clock right?");
  }
  for (std::size_t i = 1; i < certificates_.size(); ++i) {
    if (X509_check_issued(certificates_[i].get(), certificates_[i - 1].get()) == X509_V_OK)
      continue;
    found.push_back(certificate_name_ + ": number " + std::to_string(i + 1) +
                    " in it did not issue number " + std::to_string(i) +
                    ": some clients refuse such a chain; put the leaf first, then its issuer, and "
                    "so on");
    break;
  }
  ERR_clear_error();
  return found;
}

}  // namespace usher
