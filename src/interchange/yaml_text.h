// The pieces of YAML that imports write: quoted text, comments, and settings in flow style.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/settings.h"

namespace fabrix::interchange {

// "text" in double quotes, with escapes.
std::string in_quotes(std::string_view text);

// A line "# text"; what would end the line becomes a space.
std::string comment(std::string_view text);

// "[a, b]".
std::string flow_list(std::span<const std::string> values);

// {max_prefix: {ipv4: 5, ipv6: 6}, rpki: off} of max_prefix.ipv4, rpki and max_prefix.ipv6; of a
// key that comes twice, the last value holds. Keys have at most 4 parts.
std::string flow_map(std::span<const exchange::Setting> settings);

}  // namespace fabrix::interchange
