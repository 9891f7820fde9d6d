"""What this process is for. Its worker writes it before the application is loaded."""

only_boards = False  # True: people are answered by another process, and so is everything that is not urgent.
