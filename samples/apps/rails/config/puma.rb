threads_count = Integer(ENV.fetch("RAILS_MAX_THREADS", 5))
threads 1, threads_count
environment ENV.fetch("RAILS_ENV", "development")
