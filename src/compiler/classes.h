// ClassTable: the forwarding classes of one sender: which of its prefixes need a tag, and which
// share one.
//
// Prefixes without need of a tag are not kept. Classes exist while they have prefixes. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "compiler/codebook.h"
#include "compiler/vnh_pool.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "program/tag.h"

namespace fabrix::compiler {

struct ForwardingClass {
  std::size_t prefixes4 = 0;
  std::size_t prefixes6 = 0;
  program::Tag tag;
  std::optional<net::IpAddress> vnh4;
  std::optional<net::IpAddress> vnh6;

  std::size_t prefixes() const { return prefixes4 + prefixes6; }
};

class ClassTable {
 public:
  using Classes = std::map<ClassKey, ForwardingClass>;

  // `key` none: the prefix needs no tag, or has no route.
  void assign(const net::Prefix& prefix, std::optional<ClassKey> key);
  void clear();

  // Null: no tag.
  const ForwardingClass* find(const net::Prefix& prefix) const;

  Classes& classes() { return classes_; }
  const Classes& classes() const { return classes_; }

  // The distinct sets of units, sorted.
  std::vector<Units> unit_sets() const;

  // Whether a class has come, gone, or got its first or last prefix of a family since the last
  // call.
  bool take_changed();

 private:
  void leave(Classes::iterator from, net::Family family);

  Classes classes_;
  std::unordered_map<net::Prefix, Classes::iterator> by_prefix_;
  bool changed_ = false;
};

}  // namespace fabrix::compiler
