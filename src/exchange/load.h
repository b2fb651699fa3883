// load(): the text of exchange.yaml to an Exchange, or everything that is wrong with it at once.
//
// Unknown keys, duplicate keys, wrong types, values out of range, overlapping addresses, MACs,
// ports or names used twice, unknown peers, ranges outside the LAN: each is a Diagnostic with line,
// column and a hint (codes C01xx; docs/configuration.md lists them). Pure: reads no file itself;
// fuzzed in fuzz/exchange/load_fuzz.cc. yaml-cpp stays inside one .cc (exchange/yaml.h is our tree
// with positions).
#pragma once

#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "exchange/exchange.h"
#include "exchange/session_reader.h"

namespace fabrix::exchange {

// Texts longer than this are refused.
inline constexpr std::size_t kMaxConfigSize = 16U << 20U;

// `file` is the name used in diagnostics. `secrets` reads the files that passwords are in; without
// it they are not read, and each such password is kUnreadSecret: good enough to check a
// configuration or to show it, not to run it.
Result<Exchange, std::vector<Diagnostic>> load(std::string_view text, std::string_view file,
                                               const SecretReader& secrets = {});

}  // namespace fabrix::exchange
