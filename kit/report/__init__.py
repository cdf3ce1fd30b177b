"""The cohort as a page for a browser, and as a short text for an issue or a chat.

Cohort --insight--> Insight --+--> chart --> SVG
                              +--> document --> one HTML file
                              +--> note --> Markdown
"""
