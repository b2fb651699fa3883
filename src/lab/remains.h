// What a lab leaves in the machine: namespaces, the processes in them, and a directory; and who may
// touch them.
//
// The names of a lab's namespaces are written to its directory before the first of them is made, so
// that a run that was killed at any point can be cleaned up after, exactly.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/exchange.h"
#include "io/file.h"

namespace fabrix::lab {

// A claim on a lab's names, held while the lab is started, changed or removed. The file goes with
// the claim.
class Claim {
 public:
  // Fails if another process has it.
  static Result<Claim> take(std::string_view lab);

  Claim(Claim&& other) noexcept = default;
  Claim& operator=(Claim&&) = delete;
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim();

 private:
  Claim(std::string path, io::LockFile lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;  // empty: moved from
  io::LockFile lock_;
};

// Makes the lab's directory, with a record of the namespaces that are going to be its own.
Result<void> make_directory(std::string_view lab, const std::vector<std::string>& namespaces);

// The namespaces on record; empty if there is no such lab here.
std::vector<std::string> recorded_namespaces(std::string_view lab);

// The folder that the lab is made from, for those who find it running.
Result<void> record_source(std::string_view lab, const std::string& folder);
Result<std::string> recorded_source(std::string_view lab);

// And what its fabric is; of a lab that has not said so, what labs have by default.
Result<void> record_fabric(std::string_view lab, exchange::FabricType fabric);
exchange::FabricType recorded_fabric(std::string_view lab);

// Ends processes, deletes namespaces, removes the directory with the fabric that is pinned there;
// what is not there is fine. Besides
// those on record it removes those `also` named: of a run whose directory was lost.
Result<void> remove_remains(std::string_view lab, const std::vector<std::string>& also = {});

// Labs that have a directory, sorted.
std::vector<std::string> present_labs();

}  // namespace fabrix::lab
