#include "lab/paths.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace fabrix::lab {
namespace {

TEST(LabPathsTest, EverythingIsNamedAfterTheLab) {
  unsetenv("FABRIX_RUN");
  EXPECT_EQ(lab_directory("walkthrough"), "/run/fabrix/labs/walkthrough");
  EXPECT_EQ(control_socket("walkthrough"), "/run/fabrix/labs/walkthrough/fabrixd.sock");
  EXPECT_EQ(openflow_socket("walkthrough"), "/run/fabrix/labs/walkthrough/openflow.sock");
  EXPECT_EQ(ovsdb_socket("walkthrough"), "/run/fabrix/labs/walkthrough/ovsdb.sock");
  EXPECT_EQ(pin_directory("walkthrough"), "/run/fabrix/labs/walkthrough/bpf");
  EXPECT_EQ(namespace_name("walkthrough", "a1"), "fx-walkthrough-a1");
  EXPECT_EQ(namespace_prefix("walkthrough"), "fx-walkthrough-");
}

TEST(LabPathsTest, TheEnvironmentMovesDirectoriesButNotLocks) {
  const std::string lock = lock_file("x");
  setenv("FABRIX_RUN", "/elsewhere", 1);
  EXPECT_EQ(lab_directory("x"), "/elsewhere/labs/x");
  EXPECT_EQ(lock_file("x"), lock);
  setenv("FABRIX_RUN", "", 1);
  EXPECT_EQ(lab_directory("x"), "/run/fabrix/labs/x");
  unsetenv("FABRIX_RUN");
}

}  // namespace
}  // namespace fabrix::lab
