"""What bench/run is made of: servers, load, measuring, scenarios, report."""
