// path: src/hub/hub_test.cc
// breach: src/hub/hub_test.cc:3: std::this_thread::sleep_for(1ms);: nothing sleeps: wait for what you wait for
std::this_thread::sleep_for(1ms);
