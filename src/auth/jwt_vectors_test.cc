// Tokens and keys that others made: the RFCs' examples, Node, Python and the openssl command. All
// of it was made for tests, and is good for nothing else.
#include <gtest/gtest.h>

#include "auth/jwk_set.h"
#include "auth/jwt_verifier.h"
#include "base/bytes.h"
#include "support/print_result.h"

namespace usher::auth {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};

KeySet keys_of(const std::string& jwks) { return parse_jwk_set(R"({"keys":[)" + jwks + "]}").keys; }

// RFC 7515 appendix A: all tokens there expire in 2011 and name no session, so `iss` stands in for
// it.
constexpr WallTime kIn2011{std::chrono::seconds(1'300'000'000)};
const JwtOptions kRfcOptions{.session_claim = {"iss"}};

const std::string kRfcPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";

const std::string kRfcSecretJwk =
    R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";

const std::string kRfcRsaJwk =
    R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp)"
    R"(-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg)"
    R"(0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9)"
    R"(kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})";

TEST(JwtVectorsTest, Rfc7515A1Hs256) {
  const JwtVerifier verifier(kRfcOptions, keys_of(kRfcSecretJwk));
  const auto token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + kRfcPayload +
                     ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  EXPECT_EQ(verifier.verify(token, kIn2011)->session, "joe");
  EXPECT_EQ(verifier.verify(token, kNow).error(), TokenError::expired);
}

TEST(JwtVectorsTest, Rfc7515A2Rs256) {
  const JwtVerifier verifier(kRfcOptions, keys_of(kRfcRsaJwk));
  const auto token = "eyJhbGciOiJSUzI1NiJ9." + kRfcPayload +
                     ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
                     "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
                     "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
                     "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
                     "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
                     "p0igcN_IoypGlUPQGe77Rw";
  EXPECT_EQ(verifier.verify(token, kIn2011)->session, "joe");
}

TEST(JwtVectorsTest, Rfc7515A3Es256) {
  const JwtVerifier verifier(
      kRfcOptions,
      keys_of(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
              R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"));
  const auto token = "eyJhbGciOiJFUzI1NiJ9." + kRfcPayload +
                     ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
                     "pmWQxfKTUJqPP3-Kg6NU1Q";
  EXPECT_EQ(verifier.verify(token, kIn2011)->session, "joe");
}

// The payloads of the next three are no JSON objects: the keys are asked directly.
bool key_verifies(const std::string& jwk, const std::string& input, const std::string& signature) {
  return keys_of(jwk).keys().at(0).material->verify(input, from_base64url(signature).value());
}

TEST(JwtVectorsTest, Rfc7515A4Es512) {
  EXPECT_TRUE(key_verifies(
      R"({"kty":"EC","crv":"P-521",)"
      R"("x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",)"
      R"("y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"})",
      "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
      "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7Xdt"
      "AG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"));
}

TEST(JwtVectorsTest, Rfc7520Section42Ps384) {
  EXPECT_TRUE(key_verifies(
      R"({"kty":"RSA","alg":"PS384","e":"AQAB","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rH)"
      R"(VTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5yd)"
      R"(QLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzw)"
      R"(OHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHd)"
      R"(rNP5zw"})",
      "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9."
      "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAg"
      "b250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dp"
      "bmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4",
      "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6"
      "O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqi"
      "VJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_"
      "jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"));
}

TEST(JwtVectorsTest, Rfc8037A5Ed25519) {
  EXPECT_TRUE(key_verifies(
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"));
}

// Node's crypto made one key of each kind and signed the same claims with every algorithm.
constexpr auto* kNodePayload =
    R"({"sessionId":"sess_node","sub":"ada","iss":"https://issuer.example","aud":["other","usher"],"iat":1800000000,"exp":1800003600,"channels":["orders:42","news:*"]})";

struct NodeToken {
  const char* alg;  // `kid` as well
  const char* signature;
};

constexpr NodeToken kNodeTokens[] = {
    {"HS256", "46zD6bHf6ZtN5WCSemO_lMSy3NO_JhMntUmNNjlPrcs"},
    {"RS256",
     "X6Q-IB0K-C7jYyHUbHnpBGx6Gs3M5pFNPIBxAMPIMBu3HRAJVoZUD9n2Y83zLQ70pUsPyG0D3gGYwyN7YzINhFhp"
     "jN21Hb8Q4jsfApOqBcvmv8n3wvSKKpkU9th9cBICgfr53b7Isya1M3r5CnaCw0Zuve68ayQN6O7dNlb8gzmdVHRO"
     "MDqtBVRPBOSCI6ghRT698pGC1STdm-5tuPIkLnOmmWg6cnpIpzV9vslHiUi1eSJveMd49EPONy8SxJJX6KZjQ9ml"
     "Gnf22AJ7kZYuxg9lixVQJgM-7JgyPcpK2Ij-h0eyitqfn7VLv5mCZx-gu9_IIwSnebh-CHIT7vILLg"},
    {"PS256",
     "iwGHGUw0vAoDeAU-EaR2ZstV9JGI321Oi3Q7OJs7LSDZvSGBaHiT6NqAS2ihesDhRucJ2-6TSwGENaCyvfMwTaIE"
     "bN8RpBcfiiD2z5B2PsJo63cRJib9TtZM4GiCmCQtMHLCr81sNETpDY6YAx7L_wGs5OGnK0TbH2ccNoCBTGA2bURv"
     "_dGWF0aTiIdMdqZAi1RZIDyymgmtQgpL1zJS6MvF6HHLt21UK3vZjgUSD3TMql2ToLplMFMY6fFv6WxPar8Jda6G"
     "udCoM5vaYzUXt8V-esNPNQVi3NwSjhCdp2JytTSQ-XrZjIrrxTmg456NTGOpluArt_ybe_EcuXM82A"},
    {"HS384", "dIGvpQCrosS23nxAn701MiV1PWJ7CwIjf0TsN3QEInvfDt2KzBGU5GOqijDACrRx"},
    {"RS384",
     "DTx-w72czv7r7bSQT9H7jyni7sS0BL2GpSj8CEX9eIBDXJUmtDDptM1pM2BxM6BnJE30SOrzChiklvTE9opPuKT7"
     "NAi8_SBN-1S_YEi4n_byxzb3p1FFnLoLpIdlHEmP_Vu-JKdAjOvVe70k5HGOYg4rdlAhJUQi3iUrjJrbbYZ6GRpx"
     "r2p9CfPkC6a9_IzWPBrtbhr8CgHCEmUQmYQby4Yq23GnmVXyghkP-TwLRC212ADmtYSrs3i2SpW48wmmN-7mfqNh"
     "iyglMBcbFRFMLHkmbusiNqP-x0mqGx7EzwM1RGl-qouHrA_8OlvZq3PDhXNjd9Xp7-35q3uTH_TY_w"},
    {"PS384",
     "ltgIw2Ts3y1oadP_h-RjxLJoW6KT0krHOSjZPl7rEuuK0k4wwO3KtRttk2AbwqrnOD7t44NnbXC82D-EFHmwrEZW"
     "m4ax7Tm9a3HPplQcNd632Z0ba71qUcn6WTnYgj-tyIadqEctxIJbQvEIpQ6MPbFY1VVFFRpw8sa-V0atWY0U7SdN"
     "1ygU3jhvtJVAVB6W8rwOrQDyha_KMvf8D09T4-JB3GmpEwCspOottWp-Bo4I8u4kkOaT5CMlqT7sI-jLqnJq-0YU"
     "N4uAhRO9RMUs3-XH_wLH5iR7kZ2CRfXezY499oU0Fh_30ZU9K_JYBirqoNgYk3GQmnQpzgJOF4YYnQ"},
    {"HS512",
     "tooqnUL6roj0ugY0RdtiVDPvr6tFuYNv3PB9AUxYMS1IaqQaD6g-er7ojx-zt6ZmR07-2_B4RMyrHUgdRmpoQg"},
    {"RS512",
     "a93xRt2T3_ebIL_GOMIguHmpqXTKmrBcmm5s62I68gFElRIY7CpnpCw74ESkXUYsQNwclLdjmronFPKwWrTpATwG"
     "gINiyEwbKGEfLVrV4fJAjMmNn1gVKHHx2Y7UxM0t72BY78vaCmacLSach7YE5Wj-twZQmKClIdEeluhlp4GPmAAu"
     "wWQ-d8tD-_BL6KZsDyl9uASoYJahfpztUPhIjXB5UHg1w4uwQnf6f7ivmVwk60gppWC_iGKBFihwY72IER_3zIgL"
     "eJHw1hljGO3oGH4Zt7UqSofp8YOxpAhWmSTLaag85NCBE75uSOoxbL2XldphbUsYpPuten8vj5nRLw"},
    {"PS512",
     "AJgd3cZpk4wq8ypr8LxSyia2o9t8FpN8IMYO_dPeaKPBfHsSV1n99ncTzOf1K7MojRvo3gwFvtqC_wXw-nUvkdcY"
     "D7qn4yn_nP9kpnf1x2x4d7kyzjtVM-d4LxWdgI10rwddMT3LyQr0cll1bHY5JP_OysM3zGlZulfrmMEhl-otRl8g"
     "B4-GxX8Ba7uAJT8-UPw4ndfuci-OzSaKfgCZ0UVUZO6fyhhT06C46-qIiRjewrCBaRFZ1wnY4vR_Hdf-mbg2_HBU"
     "Xo-wBDLGOi-xcCaOO3k9Ia4E5RU091uPFvFuhYHgJ33FdDlqBtT0Smm8DrxkRISGX-ds9NiR4eRDdA"},
    {"ES256",
     "ZYakYDQ4pzU2gbAgOh8aCuUoaLvdxXyjY1gUIAHrhl_2O9EIyTUql1MTnEblt_Wn4h2SRhiRUamvwfMc9Yih5g"},
    {"ES384",
     "gpRhLakS2OUbgSuZo4VOFk94Gj2oAkIYCsosVt8eoMCwSj0lhwCtcge4AKavmKtnJ44PQ144z1biyUznIWZRPtw6"
     "Vb-Qa1LyvKauVwpEbDcmuvWOvkoAa-t1SDtp1fnJ"},
    {"ES512",
     "AO9eNMqWwf9OmzIJli1n41n04H-IodX7aYUNyOAbiTVsdjY9gmxdfzM4RBTjOekSw6nOJinv6E0KcOIIhwcAdiXY"
     "ALS_nmYkAkZBRUI6O7iE10tQ46mbNpu_e0JKVR2YlNRhz9PsoT_iBcMF0Z4dcTVGAZ6qoRdTyGpwlHbRp9Ubr2pN"},
    {"EdDSA",
     "WdHZxippBddqcYf8iCR9weJflMxSGUZZEQF5ndkeJ1Ton6dUY0U1GlKddsoaRzhmabHFwICL4kJ78EVhGECmBw"},
};

constexpr auto* kNodeSecret = "XgSu6e7MYLwN57bcMnjwRgQ7cyKmbUzs75ovSNU-68s";
// As long as SHA-512, for HS384 and HS512.
constexpr auto* kNodeLongSecret =
    "D5C13xnwVAPVVaMfjOJPsINqm9Wwgh_gJvwz5jfJtXjqKISc6XTFhtmMCVihb7wEa_02XAR_IyLF8g5kR0AoMA";
constexpr auto* kNodeModulus =
    "o9pg-bL8f0qjl9A4u0VbdRJpgI1wzs79ylBRtwVKfF7dmzwBKXVDcIyvoFZ4uILAyVyQ8G4QyeVtbosum2Gc-m4t"
    "CEyV2zksHeL3PW9Ou5B4TrDfm-znmrLl1WuSFSwF-0MrPxZNLiRF5Cl-c2NWte4L67taARiarZ4I29SNzBVJS7R_"
    "iT_8bBm9E5MJg8T78tPtqhXGjOXtEpu7xyl_dbrYer_bZy-LROlRCfi3K1xD1NXpHdlyHiLtvMF6Vpi0oKiRhdak"
    "eo4jkIsIgPuMseQnd26GCgAO5-I_AoDbkTwLP-4J0kQ1rvp4r2BvCdJ3kXroOLN-BW_L_EbazooDsw";

KeySet node_keys() {
  std::string jwks =
      R"({"kty":"EC","kid":"ES256","crv":"P-256","x":"ah731YsPT8rT3IHJiJCT_Fh-x9n7U6vk9_Pdgh3mwOs","y":"5FvMtX_yqxdSSOfN1LrtCHfkONTd38Zwdr3d9IysoJk"},)"
      R"({"kty":"EC","kid":"ES384","crv":"P-384","x":"H_UGvWKBr-rgNm7MZZV09KP7Ngm7QwbcMowodZ9on8lH-Unq4pIzGsvd95cWZ9Ie","y":"0hTl_3s6G733cDHF-nS0EpKErCmomURrSNcRHnyJFhPQGxKgIDlMVG2gFOR7xR_j"},)"
      R"({"kty":"EC","kid":"ES512","crv":"P-521","x":"AZqWf8stAch_S-WLtgXcx97v_orJ9whJYlh2P8dVmmuDb2bYHw8AK7InVtAilZaKS1lGF-edSI7JzSbuYvhCWhNE","y":"ADAvXqQf-mVBfn4gd857MNqDjnNvYwsTAXfcXElAkAS-Z1MnJM6eeKw_Djbbph6n0EAQ21_XxD4ipPkK0LAcQ7ss"},)"
      R"({"kty":"OKP","kid":"EdDSA","crv":"Ed25519","x":"lbXosB3KY4wiNbxs4PAVRYvoaqlTgCCgCjACLgfUcMs"})";
  for (const NodeToken& token : kNodeTokens) {
    const std::string alg = token.alg;
    const std::string head = R"(,{"alg":")" + alg + R"(","kid":")" + alg + R"(",)";
    if (alg.starts_with("HS")) {
      const auto* secret = alg == "HS256" ? kNodeSecret : kNodeLongSecret;
      jwks += head + R"("kty":"oct","k":")" + secret + "\"}";
    }
    if (alg[1] == 'S' && alg[0] != 'H' && alg[0] != 'E') {
      jwks += head + R"("kty":"RSA","e":"AQAB","n":")" + kNodeModulus + "\"}";
    }
  }
  return keys_of(jwks);
}

std::string node_token(const NodeToken& token) {
  const std::string header =
      R"({"alg":")" + std::string(token.alg) + R"(","typ":"JWT","kid":")" + token.alg + "\"}";
  return to_base64url(header) + "." + to_base64url(kNodePayload) + "." + token.signature;
}

TEST(JwtVectorsTest, NodesTokensOfEveryAlgorithm) {
  const JwtVerifier verifier({.issuer = "https://issuer.example", .audience = {"usher"}},
                             node_keys());
  EXPECT_EQ(std::size(kNodeTokens), 13u);
  for (const NodeToken& token : kNodeTokens) {
    const auto claims = verifier.verify(node_token(token), kNow);
    ASSERT_TRUE(claims) << token.alg << ": " << reason_of(claims.error());
    EXPECT_EQ(claims->session, "sess_node");
    EXPECT_EQ(claims->user, "ada");
    EXPECT_EQ(claims->channels, (std::vector<std::string>{"orders:42", "news:*"}));
  }
}

TEST(JwtVectorsTest, ASaltOfAnotherLengthIsNotPs256) {
  const JwtVerifier verifier({}, node_keys());
  const NodeToken salt_of_20_bytes = {
      "PS256",
      "OmxjzJXdF3E_T6vx6J3bDRQxQfR7S5K9OC1uxXCFmU6LN_sOg08cDMx8brZUGAUDu7ozmh2F7Xyeufv2lhYx06Ia"
      "VnWIMcXePUwUi-ZNSR_CFmo_4F1jBByRAUShSHoHJdIhBCUle4HESYahvThkkXhFTufAHtACUg10ejC-sphzW8v3"
      "v5NyTHcuwdUcJGIaz96wnt-tOm86EAcFGqRs3rmjEmxQBdVCtapBfV6EITbtVhCiO6-qnKROv4Nau952q-6kNnMn"
      "0hmsofkVWJMaABN-mdu0rGYjbRI3K80WF9wcVhVehNO-j3eK4ZCSAMBormgu7EIg4PJ5OHSolz2dHA"};
  EXPECT_EQ(verifier.verify(node_token(salt_of_20_bytes), kNow).error(), TokenError::signature);
}

TEST(JwtVectorsTest, TheOpensslCommandsCertificateAndToken) {
  const JwtVerifier verifier(
      {}, KeySet({public_keys_from_pem(
              "-----BEGIN CERTIFICATE-----\n"
              "MIIDDTCCAfWgAwIBAgIUCWr1ThdZzx7/VkisfEXmqnQ1fPowDQYJKoZIhvcNAQEL\n"
              "BQAwFTETMBEGA1UEAwwKdXNoZXItdGVzdDAgFw0yNjExMjMwNTQxMjdaGA8yMTI2\n"
              "MTAzMDA1NDEyN1owFTETMBEGA1UEAwwKdXNoZXItdGVzdDCCASIwDQYJKoZIhvcN\n"
              "AQEBBQADggEPADCCAQoCggEBAKmOgTWHxLCNAc7l64m1gWmExnHmNEBbPSax2le0\n"
              "y85TUH2Ry3TUxj1AML6+OrnnK0EUTSk+d9lFxXu+hflU/2RPOIg7RBfCjsr4tV9a\n"
              "dpp+KlY9TMk0UsyMEh9VaXVJqlH/lhHUrQSFqFLZx7zl4R7SPKlK4hd++leSqt/w\n"
              "/7iqgwbRNEhC3mllsJUZvqY7MbFaW4RmIRxrk2RAPBEcRra8onmlKvQbfv5m1JQr\n"
              "jXrQPgxGDswPZua2vEzgWzc9MXr4zCy5l77+vWFX+7IW6djCNt5+vW+s0HWnpqX5\n"
              "kszmoepdyg7g3ZYtYCAQtPJd2ysfbPRA3fuEGvmfD7I7snECAwEAAaNTMFEwHQYD\n"
              "VR0OBBYEFBYTbAo8lhXfh5bke+TTGnTXQwoxMB8GA1UdIwQYMBaAFBYTbAo8lhXf\n"
              "h5bke+TTGnTXQwoxMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEB\n"
              "AICVcosXDdHxIEbqK75CN0DAWbDHrNFRN4tVPDEreqiGrEpTbeSA/BIPkIoc6GaV\n"
              "8dgIyJDwOIGRX+MsHQ73eIMrTkFkJXd/3945Tdtr5cbOaOcL2mVucv99F8JflSfS\n"
              "BI6QfVQShfFcX5gVbsHJVzKss9VE47Bg+VJkjA9IV+xOpgJngi1xMxwfAfSYu2SG\n"
              "0xXLQDX+3OhdupYO39leb30eSpX9Uuc0NLLPqMabpkUKyOHrC6DWv1DEc55rBO57\n"
              "ptEBmHHBBHcCkhytdCkPOs0KzXjeGZ3D6gn/oBVVJ3f7oRfSCEVdmgwygDsNhOBL\n"
              "hgOGAy8H2ARo6v42qtf09pE=\n"
              "-----END CERTIFICATE-----\n")}));
  const auto claims = verifier.verify(
      "eyJhbGciOiJSUzI1NiJ9.eyJzaWQiOiJzZXNzX29wZW5zc2wiLCJleHAiOjE4MDAwMDM2MDB9.R-7OK7204fKb21"
      "uM9DiD2WpzwkjulQflAmfT_Tph2rgndEvDeyNt1swAmTLQsE-tMuAgXa2t5vlhykgOYUms4OVdLq93Epw1xEoAqI"
      "r2ZUIJutO2Zyq8mUF_sbKGVYOQDxBMtjwZc72GA4XMxcviIVxRjLbQ-f2fKpbQJ0KMZUWvkvwdYrCVqvA_wp0dMl"
      "QYEE33OIXN-6drhJ81xMpvRQf9UGJHQTCv_cyUK-nJ0ATUm9PrTf2D29X3HIql6x_AqsHL3wfcNamxTA8UFs0amE"
      "ZI57g2Joq9f4DW2WNEnb5oWpgwWNdkCHC7CZg9aajaysp5UULva7ZbavI2x7bdZA",
      kNow);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->session, "sess_openssl");
}

TEST(JwtVectorsTest, TheOpensslCommandsEd25519KeyAndAccessToken) {
  const JwtVerifier verifier(
      {},
      KeySet({public_keys_from_pem("-----BEGIN PUBLIC KEY-----\n"
                                   "MCowBQYDK2VwAyEARPLUBIlgKttfvqpNp2dRnc6/9w1rh+9bkn2XY3o3Vq0=\n"
                                   "-----END PUBLIC KEY-----\n")}));
  const auto claims = verifier.verify(
      "eyJ0eXAiOiJhdCtKV1QiLCJhbGciOiJFZERTQSJ9.eyJzaWQiOiJzZXNzX29wZW5zc2wiLCJleHAiOjE4MDAwMDM"
      "2MDB9.eA636KLZ-Dq44YppFxLnMWcoAGFNkiql-YPTtZsQSJMbBSgblomfN_H7azxz0dA_kSrAvxlUYgdL4NSxCc"
      "hiDw",
      kNow);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->session, "sess_openssl");
}

TEST(JwtVectorsTest, PythonsHmac) {
  const JwtVerifier verifier({}, KeySet({secret_key("a python service's secret of 40 bytes!!!")}));
  const auto claims = verifier.verify(
      "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzZXNzaW9uSWQiOiAic2Vzc19weXRob24iLCAiZXhwIjo"
      "gMTgwMDAwMzYwMC41LCAibm90ZSI6ICJnclx1MDBmY1x1MDBkZmUifQ.TrLXGwpzjazJz_d3bCdeMyF3XaZLITkI"
      "2dW2n1YZhCw",
      kNow);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->session, "sess_python");
  EXPECT_EQ(claims->exp, 1'800'003'600);
}

}  // namespace
}  // namespace usher::auth
