// ProgramShare: what one switch of several needs of a Program: all but the rows for frames that
// come in by a port of another switch. A switch without ports of the exchange needs nothing.
//
// Blocks that the Program has from the one before are not looked at again, and shares of Programs
// that differ elsewhere are one and the same Program. One thread.
#pragma once

#include <set>
#include <vector>

#include "net/ids.h"
#include "program/program.h"

namespace fabrix::fabric {

class ProgramShare {
 public:
  // `ports` are the switch's, in the exchange's numbers.
  explicit ProgramShare(const std::vector<net::PortNo>& ports)
      : ports_(ports.begin(), ports.end()) {}

  program::ProgramPtr of(const program::ProgramPtr& whole);
  // What a share has become, with the rows of `whole` for the other switches.
  program::ProgramPtr completed(const program::Program& share, const program::Program& whole) const;

 private:
  program::Rows share_of(const program::Rows& rows, const program::Rows& before,
                         const program::Rows& share_before) const;
  std::vector<program::Row> kept(const std::vector<program::Row>& rows) const;
  bool concerns(const program::Row& row) const;

  std::set<net::PortNo> ports_;
  program::ProgramPtr whole_;  // the last, and its share
  program::ProgramPtr share_;
};

}  // namespace fabrix::fabric
