#include "policy/query.h"

namespace fabrix::policy {

std::string_view name_of(Counted counted) {
  switch (counted) {
    case Counted::kPackets:
      return "count_packets";
    case Counted::kBytes:
      return "count_bytes";
    case Counted::kFirstPackets:
      return "packets";
  }
  return "";
}

std::string label_of(const Query& query) {
  return query.group.empty() ? query.name : query.name + "[" + query.group + "]";
}

}  // namespace fabrix::policy
