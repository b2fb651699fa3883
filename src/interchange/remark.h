// Remark: something to tell about a file that is imported: what is wrong with it, or what of it has
// no counterpart here.
//
// Values; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace fabrix::interchange {

struct Remark {
  std::string file;
  std::string where;  // "12:3" in YAML, "neighbors[3].asn" in JSON; may be empty
  std::string what;   // a lower-case clause without a full stop

  friend bool operator==(const Remark&, const Remark&) = default;
};

using Remarks = std::vector<Remark>;

// "general.yml:12:3: multihop has no counterpart".
std::string to_string(const Remark& remark);

Remark remark_of(const Diagnostic& diagnostic);
Remarks remarks_of(std::span<const Diagnostic> diagnostics);

}  // namespace fabrix::interchange
