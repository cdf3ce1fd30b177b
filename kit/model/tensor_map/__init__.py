"""The tensor map: every tensor of the whole model on one page, as far as the learner has noted its shape.

Settings --> trace(Settings) --> Trace        what hooks saw in real forward passes
                 plan + Trace --> (Part, ...)  what stands on the map, each with its shape
chapters + learner's cells --> Notes           which lines of the `shapes` exercises are right
Part + Notes --> Sheet                         boxes and arrows with their places on the page
Sheet --> paint --> SVG | PNG
"""
