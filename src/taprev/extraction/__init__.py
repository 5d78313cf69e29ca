"""What was extracted, and is it sound?"""
