// How sections `import` of exchange.yaml become an ImportPolicy.
#pragma once

#include <cstdint>
#include <optional>

#include "exchange/session_policy.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

// Whose section it is: the exchange's defaults, or a participant's own.
enum class ImportOwner : std::uint8_t { kExchange, kParticipant };

// What has been read so far: the exchange's section, then a participant's over it.
struct ImportSettings {
  ImportPolicy policy;
  // As written. Unwritten, IRR data that is given is enforced.
  std::optional<bool> enforce_prefix;
  std::optional<bool> enforce_origin;

  ImportPolicy resolved() const;
};

// Sets what the map `node` has keys for; mistakes go to `reader`. A participant's
// `rejected_prefixes` are added to the exchange's; every other key replaces.
void read_import(YamlReader& reader, const YamlNode& node, ImportOwner owner,
                 ImportSettings& settings);

}  // namespace fabrix::exchange
