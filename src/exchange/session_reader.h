// How sections `session` of exchange.yaml become a SessionPolicy, and where passwords come from.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "exchange/session_policy.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

// The content of a file with a secret in it, by the name that the configuration gives it. A newline
// at its end is not part of the secret.
using SecretReader = std::function<Result<std::string>(const std::string& file)>;

// Stands for secrets in files when there is nobody to read them. No peer has it as its password:
// sessions that need the real one fail.
inline constexpr const char* kUnreadSecret = "(unread)";

// Sets what the map `node` has keys for; mistakes go to `reader`. `secrets` may be empty.
void read_session(YamlReader& reader, const YamlNode& node, const SecretReader& secrets,
                  SessionPolicy& session);

}  // namespace fabrix::exchange
