// For the tests of what the sections `session` and `import` say: kGood with such sections.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tests/exchange/mistakes.h"

namespace fabrix::exchange {

// kGood with these keys of the route server, and these of participant C; flow style or empty.
inline std::string with_policies(const std::string& server, const std::string& c) {
  const std::string port = "port: 179" + (server.empty() ? "" : ", " + server) + "}";
  std::string text = with({"port: 179}", port, "", 0, 0});
  return text + (c.empty() ? "" : "    " + c + "\n");
}

inline Exchange loaded(const std::string& text, const SecretReader& secrets = {}) {
  auto exchange = load(text, "exchange.yaml", secrets);
  EXPECT_TRUE(exchange) << render(exchange.error(), text);
  return exchange ? *std::move(exchange) : Exchange{};
}

// The codes of all complaints, in order.
inline std::string complaints(const std::string& text, const SecretReader& secrets = {}) {
  const auto exchange = load(text, "exchange.yaml", secrets);
  std::string codes;
  if (exchange) return codes;
  for (const Diagnostic& one : exchange.error()) {
    codes += (codes.empty() ? "" : " ") + one.code;
  }
  return codes;
}

}  // namespace fabrix::exchange
